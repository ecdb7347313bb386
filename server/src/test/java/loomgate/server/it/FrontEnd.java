package loomgate.server.it;

import java.io.IOException;
import java.net.URI;

/// A web server in front of Loomgate.
interface FrontEnd extends AutoCloseable {

    /// Where its clients find a path.
    URI uri(String path);

    /// How its field `Server` begins.
    String product();

    /// Ends it and removes what it has written.
    @Override
    void close() throws IOException;
}
