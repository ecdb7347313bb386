package sample;

import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Which process answers. `project` is a variable of the INI.
record WhoPage(AppContext context) implements Handler {

    @Override
    public Response handle(Request request) {
        return Response.text("%s: worker %d, generation %d, pid %d%n".formatted(
                context.variables().getOrDefault("project", "?"), context.worker(), context.generation(),
                ProcessHandle.current().pid()));
    }
}
