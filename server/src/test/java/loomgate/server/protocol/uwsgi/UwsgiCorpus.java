package loomgate.server.protocol.uwsgi;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.Stream;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.EscapedText;

/// The corpus of the uwsgi codec. Files named `.uwsgi` have a variable a line, `NAME = value`, which are packed, and a
/// body behind a line `body:`. Files named `.raw` have the bytes themselves.
public final class UwsgiCorpus {

    private UwsgiCorpus() {}

    public static Stream<CorpusCase> cases() {
        return CorpusCase.in("uwsgi");
    }

    /// What the peer sends.
    public static byte[] bytes(CorpusCase corpusCase) {
        if (corpusCase.name().endsWith(".raw")) {
            return corpusCase.bytes();
        }
        int bodyAt = corpusCase.lines().indexOf("body:");
        List<String> variables = bodyAt < 0 ? corpusCase.lines() : corpusCase.lines().subList(0, bodyAt);
        List<String> body = bodyAt < 0 ? List.of()
                : corpusCase.lines().subList(bodyAt + 1, corpusCase.lines().size());
        Packet packet = new Packet(Integer.parseInt(corpusCase.settings().getOrDefault("modifier1", "0")));
        for (String line : variables) {
            int equals = line.indexOf(" =");
            packet.with(EscapedText.bytes(line.substring(0, equals)),
                    EscapedText.bytes(line.substring(equals + 2).strip()));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(packet.bytes());
        all.writeBytes(EscapedText.bytes(String.join("", body)));
        return all.toByteArray();
    }
}
