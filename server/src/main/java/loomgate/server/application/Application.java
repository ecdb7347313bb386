package loomgate.server.application;

import com.sun.net.httpserver.HttpHandler;
import loomgate.api.AppContext;
import loomgate.api.Handler;

/// The application as `module` names it: `pkg.Class`, constructed with the context or with nothing, or
/// `pkg.Class:member`, a static field or method that gives the handler. A handler of the JDK's own HTTP server will do,
/// too.
public final class Application {

    private final Object given; // by the application: the handler, or what is adapted to one
    private final Handler handler;

    private Application(Object given, Handler handler) {
        this.given = given;
        this.handler = handler;
    }

    /// Loads and constructs the application.
    public static Application load(String module, AppContext context) throws ApplicationException {
        Object given = new ModuleReference(module, context).resolve();
        return switch (given) {
            case Handler handler -> new Application(given, handler);
            case HttpHandler httpHandler -> new Application(given, new HttpHandlerAdapter(httpHandler));
            case null -> throw new ApplicationException("module = " + module + ": it is null");
            default -> throw new ApplicationException("module = " + module + ": " + given.getClass().getName()
                    + " does not implement " + Handler.class.getName());
        };
    }

    /// What the application gave as its handler, before any adaptation.
    public Object given() {
        return given;
    }

    public Handler handler() {
        return handler;
    }

    /// Closes the application, if it wants to be closed. To be called after its last request.
    ///
    /// @throws Exception the application's
    public void close() throws Exception {
        if (given instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }
}
