package loomgate.server.application;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import loomgate.api.AppContext;

/// What `module` says, found on the class path: `pkg.Class`, constructed with the context or with nothing, or
/// `pkg.Class:member`, the value of a static field or method.
record ModuleReference(String module, AppContext context) {

    /// The object that the application gives as its handler, whatever its type; may be null.
    Object resolve() throws ApplicationException {
        int colon = module.indexOf(':');
        try {
            Class<?> type = type(colon < 0 ? module : module.substring(0, colon));
            return colon < 0 ? constructed(type) : member(type, module.substring(colon + 1));
        } catch (NoClassDefFoundError e) {
            throw problem("a class that it needs is missing: " + e.getMessage()
                    + "; add its jar to jvm-classpath or home", e);
        } catch (LinkageError e) {
            throw problem("the class cannot be loaded: " + e, e.getCause() == null ? e : e.getCause());
        }
    }

    private Class<?> type(String name) throws ApplicationException {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException _) {
            throw problem("there is no class " + name + " on the class path, which is "
                    + System.getProperty("java.class.path") + "; set jvm-classpath or home");
        }
    }

    private Object constructed(Class<?> type) throws ApplicationException {
        Constructor<?> withContext = null;
        Constructor<?> withNothing = null;
        for (Constructor<?> constructor : type.getConstructors()) {
            Class<?>[] parameters = constructor.getParameterTypes();
            if (parameters.length == 0) {
                withNothing = constructor;
            } else if (parameters.length == 1 && parameters[0] == AppContext.class) {
                withContext = constructor;
            }
        }
        if (Modifier.isAbstract(type.getModifiers()) || !Modifier.isPublic(type.getModifiers())
                || withContext == null && withNothing == null) {
            throw problem("the class must be public, not abstract, and have a public constructor that takes nothing or"
                    + " an " + AppContext.class.getName());
        }
        Constructor<?> chosen = withContext != null ? withContext : withNothing;
        return run(chosen, () -> chosen.newInstance(arguments(chosen.getParameterCount())));
    }

    private Object member(Class<?> type, String name) throws ApplicationException {
        for (Field field : type.getFields()) {
            if (field.getName().equals(name) && Modifier.isStatic(field.getModifiers())) {
                return run(field, () -> field.get(null));
            }
        }
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && Modifier.isStatic(method.getModifiers())
                    && takesContextOrNothing(method)) {
                return run(method, () -> method.invoke(null, arguments(method.getParameterCount())));
            }
        }
        throw problem("the class has no public static field of that name, nor a method that takes nothing or an "
                + AppContext.class.getName());
    }

    private static boolean takesContextOrNothing(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length == 0 || parameters.length == 1 && parameters[0] == AppContext.class;
    }

    private Object[] arguments(int count) {
        return count == 0 ? new Object[0] : new Object[] {context};
    }

    private interface Step {
        Object run() throws ReflectiveOperationException;
    }

    private <M extends AnnotatedElement & Member> Object run(M member, Step step) throws ApplicationException {
        try {
            return step.run();
        } catch (InvocationTargetException e) {
            throw problem(member.getName() + " threw " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw problem(member.getName() + " is not accessible: " + e.getMessage());
        }
    }

    private ApplicationException problem(String what) {
        return new ApplicationException("module = " + module + ": " + what);
    }

    private ApplicationException problem(String what, Throwable cause) {
        return new ApplicationException("module = " + module + ": " + what, cause);
    }
}
