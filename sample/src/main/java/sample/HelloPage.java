package sample;

import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// `/hello?name=Ada`
final class HelloPage implements Handler {

    @Override
    public Response handle(Request request) throws BadParameter {
        return Response.text("Hello, " + new Parameters(request).text("name", "world") + "\n");
    }
}
