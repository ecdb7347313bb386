package loomgate.server.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the operator names a master by.
public sealed interface Target {

    record Pid(int pid) implements Target {}

    record PidFile(Path file) implements Target {}

    /// @param name of the file, perhaps with a section: `app.ini:production`
    record Ini(String name) implements Target {}

    /// A number is a pid, a file that holds a number is a pid file, and a name that ends in `.ini` is an INI. All else
    /// is taken for a pid file, and found wanting when it is read.
    static Target of(String word, Path directory) {
        if (Content.isDigits(word)) {
            return new Pid(Content.pid(word).orElse(0));
        }
        Path file = directory.resolve(word);
        if (!Content.isNumber(file) && word.matches(".*\\.ini(:.*)?")) {
            return new Ini(word);
        }
        return new PidFile(file);
    }

    /// The pid that a pid file holds.
    ///
    /// @throws CommandException if it holds none
    static int pidIn(Path file) throws CommandException {
        if (!Files.exists(file)) {
            throw CommandException.noMaster(file + " does not exist, neither as a pid file nor as an INI; is the server"
                    + " running?");
        }
        if (!Files.isRegularFile(file)) {
            throw CommandException.noMaster(file + " is no file; name a pid, a pid file or an INI");
        }
        String text;
        try {
            text = Content.of(file);
        } catch (IOException e) {
            throw CommandException.noMaster(file + " cannot be read: " + Content.reason(e));
        }
        OptionalInt pid = Content.pid(text);
        if (pid.isEmpty()) {
            throw CommandException.noMaster(file + (text.isEmpty() ? " is empty" : " does not hold a pid")
                    + "; nobody was asked. Name the INI or the pid of the master instead");
        }
        return pid.getAsInt();
    }

    /// What stands in a file that may be a pid file.
    final class Content {

        private static final int LONGEST = 64; // bytes, of a number and white space
        private static final Pattern PID = Pattern.compile("0*([1-9][0-9]{0,8})");

        private Content() {}

        static boolean isDigits(String text) {
            return text.matches("[0-9]+");
        }

        private static boolean isNumber(Path file) {
            try {
                return Files.isRegularFile(file) && isDigits(of(file));
            } catch (IOException _) {
                return false; // to be told when it is read again
            }
        }

        /// Without the white space around it, unless that is more than a pid file can have.
        private static String of(Path file) throws IOException {
            try (InputStream in = Files.newInputStream(file)) {
                String text = new String(in.readNBytes(LONGEST + 1), StandardCharsets.ISO_8859_1);
                return text.length() > LONGEST ? text : text.strip();
            }
        }

        private static OptionalInt pid(String text) {
            Matcher matcher = PID.matcher(text);
            return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
        }

        private static String reason(IOException failure) {
            return failure instanceof java.nio.file.AccessDeniedException ? "permission denied" : failure.getMessage();
        }
    }
}
