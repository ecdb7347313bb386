package loomgate.server.protocol.http;

import java.io.IOException;
import java.io.InputStream;

/// A body that the client holds back until it is asked for (RFC 9110 section 10.1.1): the first read asks.
final class ExpectedBody extends InputStream {

    /// Sends the 100 if that is still possible.
    interface Invitation {
        void send() throws IOException;
    }

    private final InputStream body;
    private final Invitation invitation;
    private boolean isInvited;

    ExpectedBody(InputStream body, Invitation invitation) {
        this.body = body;
        this.invitation = invitation;
    }

    boolean isInvited() {
        return isInvited;
    }

    private void invite() throws IOException {
        if (!isInvited) {
            isInvited = true;
            invitation.send();
        }
    }

    @Override
    public int read() throws IOException {
        invite();
        return body.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        invite();
        return body.read(into, offset, length);
    }

    @Override
    public byte[] readNBytes(int length) throws IOException {
        invite();
        return body.readNBytes(length);
    }

    @Override
    public int available() throws IOException {
        return body.available();
    }
}
