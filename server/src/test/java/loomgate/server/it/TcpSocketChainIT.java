package loomgate.server.it;

/// `uwsgi_pass 127.0.0.1:3031`
class TcpSocketChainIT extends Chain {

    @Override
    String listener() {
        return "socket = 127.0.0.1:0";
    }

    @Override
    String upstream(RunningServer running) {
        return "";
    }

    @Override
    String location(RunningServer running) {
        return "include uwsgi_params; uwsgi_pass 127.0.0.1:" + running.port(0) + ";";
    }
}
