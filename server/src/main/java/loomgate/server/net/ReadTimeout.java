package loomgate.server.net;

import java.io.IOException;

/// The peer sent nothing for as long as it may. The connection can still be written to: a codec may turn this into a
/// 408.
public final class ReadTimeout extends IOException {

    private static final long serialVersionUID = 1L;

    public ReadTimeout(String message) {
        super(message);
    }
}
