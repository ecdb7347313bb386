package loomgate.server.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;

/// `ProxyPass / unix:/run/app.sock|uwsgi://localhost/`
class ApacheUnixSocketChainIT extends ApacheChain {

    @Override
    String listener() {
        return "socket = app.sock\nchmod-socket = 666";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        Files.setPosixFilePermissions(running.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        return Apache.start("unix:" + running.folder() + "/app.sock|uwsgi://localhost/");
    }
}
