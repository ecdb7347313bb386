package loomgate.server.it;

import java.io.IOException;

/// `uwsgi_pass unix:…`
class UnixSocketChainIT extends Chain {

    @Override
    String listener() {
        return "socket = app.sock";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        return Nginx.start("",
                "include uwsgi_params; uwsgi_pass unix:" + running.folder() + "/app.sock;");
    }
}
