package sample;

import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Reads a body of any size as it comes in, without ever having it in memory.
///
/// A page that needs it in memory calls `request.body(limit)`, which answers 413 to more than that.
final class UploadPage implements Handler {

    @Override
    public Response handle(Request request) throws IOException, NoSuchAlgorithmException {
        if (!request.method().equals("POST")) {
            return Response.text("POST something\n").withStatus(405).withHeader("Allow", "POST");
        }
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        long length = new DigestInputStream(request.body(), sha256).transferTo(OutputStream.nullOutputStream());
        return Response.text(length + " bytes, SHA-256 " + HexFormat.of().formatHex(sha256.digest()) + "\n");
    }
}
