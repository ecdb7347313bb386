package loomgate.server.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ApplicationTest {

    private record Context(Map<String, String> variables, int worker, int generation, boolean isDraining)
            implements AppContext {}

    private static final AppContext CONTEXT = new Context(Map.of(), 3, 1, false);

    public static class WithNothing implements Handler {
        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }
    }

    public static class WithContext extends WithNothing {
        final AppContext given;

        public WithContext(AppContext given) {
            this.given = given;
        }
    }

    public static class WithBoth extends WithContext {
        public WithBoth() {
            super(null);
        }

        public WithBoth(AppContext given) {
            super(given);
        }
    }

    public static class Members {
        public static final Handler FIELD = new WithNothing();
        public static final Handler NOTHING = null;
        public static final String TEXT = "no handler";
        public final Handler ofAnInstance = FIELD;
        static final Handler HIDDEN = FIELD;

        public static Handler method() {
            return FIELD;
        }

        public static Handler withContext(AppContext context) {
            return new WithContext(context);
        }

        public static Handler withText(String text) {
            return FIELD;
        }

        public static Handler throwing() {
            throw new IllegalStateException("no database");
        }

        public static void nothing() {}
    }

    public static class Throwing extends WithNothing {
        public Throwing() throws Exception {
            throw new java.io.FileNotFoundException("/etc/shop.properties");
        }
    }

    public static class ThrowingError extends WithNothing {
        public ThrowingError() {
            throw new OutOfMemoryError("too much");
        }
    }

    public static class BrokenInitializer extends WithNothing {
        static final int NUMBER = Integer.parseInt("x");
    }

    public static class BrokenMember {
        public static final Handler FIELD = Members.throwing();
    }

    public static class NoHandler {}

    public abstract static class Abstract extends WithNothing {}

    public static class OtherConstructor extends WithNothing {
        public OtherConstructor(String text) {}
    }

    public static class PrivateConstructor extends WithNothing {
        private PrivateConstructor() {}
    }

    static class Hidden extends WithNothing {
        public Hidden() {}
    }

    @Nested
    class Loaded {

        @Test
        void classWithAConstructorThatTakesNothing() throws ApplicationException {
            assertInstanceOf(WithNothing.class, load("WithNothing"));
        }

        @Test
        void classWithAConstructorThatTakesTheContext() throws ApplicationException {
            assertSame(CONTEXT, ((WithContext) load("WithContext")).given);
        }

        @Test
        void contextIsPreferred() throws ApplicationException {
            assertSame(CONTEXT, ((WithContext) load("WithBoth")).given);
        }

        @Test
        void staticField() throws ApplicationException {
            assertSame(Members.FIELD, load("Members:FIELD"));
        }

        @Test
        void staticMethod() throws ApplicationException {
            assertSame(Members.FIELD, load("Members:method"));
        }

        @Test
        void staticMethodThatTakesTheContext() throws ApplicationException {
            assertSame(CONTEXT, ((WithContext) load("Members:withContext")).given);
        }
    }

    @Nested
    class Refused {

        @Test
        void classThatDoesNotExist() {
            String message = refusal("loomgate.NoSuch").getMessage();
            assertTrue(message.startsWith("module = loomgate.NoSuch: there is no class loomgate.NoSuch on the class"
                    + " path, which is "), message);
            assertTrue(message.endsWith("; set jvm-classpath or home"), message);
        }

        @Test
        void classInAFileOfAnotherCase() {
            assertRefused("withNothing", "cannot be loaded: java.lang.NoClassDefFoundError", "there is no class");
        }

        @Test
        void classThatIsNoHandler() {
            assertRefused("NoHandler", "loomgate.server.application.ApplicationTest$NoHandler does not implement"
                    + " loomgate.api.Handler");
        }

        @Test
        void classesThatCannotBeConstructed() {
            String what = "the class must be public, not abstract, and have a public constructor that takes nothing or"
                    + " an loomgate.api.AppContext";
            assertRefused("Abstract", what);
            assertRefused("OtherConstructor", what);
            assertRefused("PrivateConstructor", what);
            assertRefused("Hidden", what);
        }

        @Test
        void constructorThatThrows() {
            ApplicationException refusal = assertRefused("Throwing",
                    "threw java.io.FileNotFoundException: /etc/shop.properties");
            assertInstanceOf(java.io.FileNotFoundException.class, refusal.getCause());
        }

        @Test
        void constructorThatThrowsAnError() {
            assertInstanceOf(OutOfMemoryError.class, assertRefused("ThrowingError", "too much").getCause());
        }

        @Test
        void staticInitializerThatThrows() {
            assertInstanceOf(NumberFormatException.class, causeAtTheRoot(assertRefused("BrokenInitializer", "")));
        }

        @Test
        void fieldWhoseInitializerThrows() {
            assertInstanceOf(IllegalStateException.class, causeAtTheRoot(assertRefused("BrokenMember:FIELD", "")));
        }

        @Test
        void memberThatDoesNotExist() {
            String what = "the class has no public static field of that name, nor a method that takes nothing or an"
                    + " loomgate.api.AppContext";
            assertRefused("Members:missing", what);
            assertRefused("Members:HIDDEN", what);
            assertRefused("Members:ofAnInstance", what);
            assertRefused("Members:withText", what);
        }

        @Test
        void memberThatIsNull() {
            assertRefused("Members:NOTHING", "it is null");
            assertRefused("Members:nothing", "it is null");
        }

        @Test
        void memberOfAnotherType() {
            assertRefused("Members:TEXT", "java.lang.String does not implement loomgate.api.Handler");
        }

        @Test
        void methodThatThrows() {
            ApplicationException refusal =
                    assertRefused("Members:throwing", "throwing threw java.lang.IllegalStateException: no database");
            assertEquals("no database", refusal.getCause().getMessage());
        }

        @Test
        void aProblemOfTheNameHasNoCauseToShow() {
            assertNull(refusal("loomgate.NoSuch").getCause());
        }
    }

    private static Handler load(String name) throws ApplicationException {
        return Application.load(ApplicationTest.class.getName() + "$" + name, CONTEXT).handler();
    }

    private static ApplicationException refusal(String module) {
        return assertThrows(ApplicationException.class, () -> Application.load(module, CONTEXT));
    }

    private static ApplicationException assertRefused(String name, String... anyOf) {
        ApplicationException refusal = refusal(ApplicationTest.class.getName() + "$" + name);
        assertTrue(refusal.getMessage().startsWith("module = " + ApplicationTest.class.getName() + "$" + name + ": "),
                refusal.getMessage());
        assertTrue(java.util.stream.Stream.of(anyOf).anyMatch(refusal.getMessage()::contains), refusal.getMessage());
        return refusal;
    }

    private static Throwable causeAtTheRoot(Throwable failure) {
        return failure.getCause() == null ? failure : causeAtTheRoot(failure.getCause());
    }
}
