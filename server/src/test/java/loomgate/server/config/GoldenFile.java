package loomgate.server.config;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A `.initest` file: an INI, a dashed line, what comes of it.
///
/// More files follow the first after lines `==== name`. Comments at the start of the INI say how it is read:
/// `;words:` the command line if it is not `app.ini`, `;env:` a variable of the environment, `;bytes:` how the file is
/// stored (`crlf`, `bom`, `latin1`), `;show: all` to list default values, too.
record GoldenFile(String ini, Map<String, String> otherFiles, String expected) {

    private static final String DASHES = "----\n";

    static GoldenFile read(Path path) throws IOException {
        String text = Files.readString(path);
        int end = text.lastIndexOf("\n" + DASHES) + 1;
        String before = end == 0 ? text : text.substring(0, end);
        Map<String, String> files = new LinkedHashMap<>();
        String[] parts = before.split("(?m)^==== ");
        for (int i = 1; i < parts.length; i++) {
            int newline = parts[i].indexOf('\n');
            files.put(parts[i].substring(0, newline), parts[i].substring(newline + 1));
        }
        return new GoldenFile(parts[0], files, end == 0 ? "" : text.substring(end + DASHES.length()));
    }

    /// The same file with something else expected.
    String withExpected(String text) {
        StringBuilder file = new StringBuilder(ini);
        otherFiles.forEach((name, content) -> file.append("==== ").append(name).append('\n').append(content));
        return file.append(DASHES).append(text).toString();
    }

    /// Writes all files below a directory.
    void unpack(Path directory) throws IOException {
        Files.write(directory.resolve("app.ini"), bytes());
        for (Map.Entry<String, String> file : otherFiles.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    List<String> words() {
        List<String> words = directives("words");
        return words.isEmpty() ? List.of("app.ini") : List.of(words.getFirst().split(" "));
    }

    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : directives("env")) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return environment;
    }

    boolean showsAll() {
        return directives("show").contains("all");
    }

    private byte[] bytes() {
        String storage = String.join(" ", directives("bytes"));
        Charset charset = storage.contains("latin1") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        String text = (storage.contains("bom") ? "\ufeff" : "") + ini;
        return (storage.contains("crlf") ? text.replace("\n", "\r\n") : text).getBytes(charset);
    }

    private List<String> directives(String name) {
        List<String> found = new ArrayList<>();
        for (String line : ini.lines().takeWhile(line -> line.startsWith(";")).toList()) {
            if (line.startsWith(";" + name + ": ")) {
                found.add(line.substring(name.length() + 3));
            }
        }
        return found;
    }
}
