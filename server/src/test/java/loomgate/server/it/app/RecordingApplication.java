package loomgate.server.it.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Reads every request to its end and says what it was: in the field `X-Seen` of the response, and in the file that the
/// variable `record` names, if there is one. `ID METHOD URI HOST BODY`, the body in hexadecimal digits, `-` for what is
/// not there. The id is the value of the field `X-Id`.
public final class RecordingApplication implements Handler {

    private final String record; // null if there is to be none

    public RecordingApplication(AppContext context) {
        record = context.variables().get("record");
    }

    @Override
    public Response handle(Request request) throws IOException {
        String seen = String.join(" ", field(request, "X-Id"), request.method(), request.uri(), field(request, "Host"),
                orDash(HexFormat.of().formatHex(request.body().readAllBytes())));
        if (record != null) {
            Files.write(Path.of(record), (seen + "\n").getBytes(StandardCharsets.ISO_8859_1),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return Response.text("seen\n").withHeader("X-Seen", seen);
    }

    private static String field(Request request, String name) {
        return orDash(request.headers().first(name).orElse(""));
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
