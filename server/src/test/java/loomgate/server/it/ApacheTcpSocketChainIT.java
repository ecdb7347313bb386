package loomgate.server.it;

import java.io.IOException;

/// `ProxyPass / uwsgi://127.0.0.1:3031/`
class ApacheTcpSocketChainIT extends ApacheChain {

    @Override
    String listener() {
        return "socket = 127.0.0.1:0";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        return Apache.start("uwsgi://127.0.0.1:" + running.port(0) + "/");
    }
}
