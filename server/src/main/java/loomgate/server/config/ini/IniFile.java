package loomgate.server.config.ini;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The lines of one file, sorted by section; comments and blank lines are gone. Sections that occur twice continue.
final class IniFile {

    private static final String NO_SECTION = "";

    private final Map<String, List<SourceText>> sections = new LinkedHashMap<>();

    private IniFile() {}

    /// @param name how the operator calls the file
    static IniFile parse(String name, byte[] bytes, Problems problems) {
        IniFile file = new IniFile();
        List<SourceText> body = file.section(NO_SECTION);
        int number = 0;
        for (byte[] raw : lines(bytes)) {
            String text = decode(name, ++number, raw, problems);
            SourceText line = withoutComment(SourceText.line(name, number, text).trimmed());
            if (line.isEmpty() || hasControlCharacter(line, problems)) {
                continue;
            }
            if (line.charAt(0) == '[') {
                body = file.section(header(line, problems));
            } else {
                body.add(line);
            }
        }
        List<SourceText> lost = file.sections.remove(NO_SECTION);
        if (!lost.isEmpty()) {
            problems.warn(lost.getFirst().start(), "stands before the first [section] and is not read");
        }
        return file;
    }

    /// The names of all sections, in order.
    Set<String> sectionNames() {
        return sections.keySet();
    }

    /// The lines of all the given sections together, in the order of the file.
    List<SourceText> lines(Set<String> wanted) {
        return sections.entrySet().stream()
                .filter(section -> wanted.contains(section.getKey()))
                .flatMap(section -> section.getValue().stream())
                .sorted(Comparator.comparingInt(line -> line.start().line()))
                .toList();
    }

    private List<SourceText> section(String name) {
        return sections.computeIfAbsent(name, _ -> new ArrayList<>());
    }

    /// Splitting bytes is safe: no byte of a longer UTF-8 sequence looks like a line feed.
    private static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, start, i));
                start = i + 1;
            }
        }
        return lines;
    }

    private static String decode(String name, int number, byte[] raw, Problems problems) {
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(raw.length);
        if (strict.decode(ByteBuffer.wrap(raw), text, true).isError()) {
            problems.error(new Location(name, number, text.position() + 1), "not UTF-8");
            return new String(raw, StandardCharsets.UTF_8);
        }
        String line = text.flip().toString();
        return number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line; // byte order mark
    }

    /// A comment starts with `#` or `;`, at the start of a line or after white space: `a#b` is a value.
    private static SourceText withoutComment(SourceText line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if ((c == '#' || c == ';') && (i == 0 || SourceText.isBlank(line.charAt(i - 1)))) {
                return line.slice(0, i).trimmed();
            }
        }
        return line;
    }

    /// A NUL cuts paths and arguments short, and a carriage return makes two lines look like one.
    private static boolean hasControlCharacter(SourceText line, Problems problems) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (Character.isISOControl(c) && c != '\t') {
                problems.error(line.at(i), String.format("a control character (U+%04X)", (int) c));
                return true;
            }
        }
        return false;
    }

    private static String header(SourceText line, Problems problems) {
        int end = line.indexOf(']', 0);
        if (end < 0) {
            problems.error(line.start(), "a section header without its ]");
            return line.slice(1, line.length()).trimmed().toString();
        }
        if (end + 1 < line.length()) {
            problems.error(line.slice(end + 1, line.length()).trimmed().start(),
                    "text behind a section header; a comment starts with # or ;");
        }
        return line.slice(1, end).trimmed().toString();
    }
}
