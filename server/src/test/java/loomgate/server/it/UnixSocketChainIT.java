package loomgate.server.it;

/// `uwsgi_pass unix:…`
class UnixSocketChainIT extends Chain {

    @Override
    String listener() {
        return "socket = app.sock";
    }

    @Override
    String upstream(RunningServer running) {
        return "";
    }

    @Override
    String location(RunningServer running) {
        return "include uwsgi_params; uwsgi_pass unix:" + running.folder() + "/app.sock;";
    }
}
