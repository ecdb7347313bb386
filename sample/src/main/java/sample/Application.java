package sample;

import java.util.Map;
import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Finds the page that is asked for. Each worker process constructs one of these, before its first request.
public final class Application implements Handler {

    private final Map<String, Handler> pages;

    /// @param context given by the server, because this constructor asks for it
    public Application(AppContext context) {
        pages = Map.of(
                "/", new IndexPage(),
                "/hello", new HelloPage(),
                "/echo", new EchoPage(),
                "/slow", new SlowPage(),
                "/stream", new StreamPage(),
                "/upload", new UploadPage(),
                "/large", new LargePage(),
                "/fail", new FailPage(),
                "/ignore", new IgnorePage(),
                "/who", new WhoPage(context));
    }

    @Override
    public Response handle(Request request) throws Exception {
        Handler page = pages.get(request.path());
        if (page == null) {
            return Response.text("There is no page " + request.path() + "\n").withStatus(404);
        }
        try {
            return page.handle(request);
        } catch (BadParameter e) {
            return Response.text(e.getMessage() + "\n").withStatus(400);
        }
    }
}
