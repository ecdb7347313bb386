package loomgate.server.master;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import loomgate.server.config.ListenAddress;
import loomgate.server.control.EndCause;
import loomgate.server.control.Fields;
import loomgate.server.control.MessageChannel;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.Heritage.File;
import loomgate.server.master.Heritage.Listener;
import loomgate.server.master.Heritage.OfGeneration;
import loomgate.server.master.Heritage.Status;
import loomgate.server.master.Heritage.Worker;
import loomgate.server.master.table.Inherited;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Signals;

/// A [Heritage] as a text of lines, which another version has to understand; so it begins with the version of itself,
/// and that of the messages that the workers know.
final class HeritageText {

    private static final List<String> FORMAT = List.of("1", MessageChannel.VERSION);
    private static final String NONE = "-";

    private HeritageText() {}

    static byte[] of(Heritage heritage) {
        StringBuilder text = new StringBuilder();
        line(text, "heritage", FORMAT);
        line(text, "settings", heritage.settings());
        line(text, "ini", List.of(heritage.ini()));
        line(text, "files", texts(heritage.files()));
        heritage.status().ifPresent(left ->
                line(text, "status", List.of(left.socket(), left.address().host(), left.address().port())));
        heritage.pidFile().ifPresent(file -> line(text, "pid-file", fields(file)));
        OptionalInt client = heritage.client();
        line(text, "commands", List.of(heritage.commands(), client.isPresent() ? client.getAsInt() : NONE));
        for (Listener listener : heritage.listeners()) {
            List<Object> fields = new ArrayList<>(List.of(listener.socket(), listener.address(), listener.isPassed()));
            listener.file().ifPresent(file -> fields.addAll(fields(file)));
            line(text, "listener", fields);
        }
        for (OfGeneration generation : heritage.generations()) {
            WorkerProgram program = generation.program();
            line(text, "generation", List.of(generation.number(), generation.folder(), program.directory()));
            line(text, "settings", generation.settings());
            line(text, "environment",
                    program.environment().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
            line(text, "options", program.options());
            line(text, "class-path", texts(program.classPath()));
            line(text, "listeners", generation.listeners());
        }
        line(text, "current", List.of(heritage.current(), heritage.last()));
        line(text, "ignored", List.copyOf(heritage.ignored()));
        for (Worker worker : heritage.workers()) {
            Inherited life = worker.life();
            Vitals vitals = life.vitals();
            line(text, "worker", List.of(life.label().worker(), life.label().generation(), life.label().pid(),
                    worker.control(), life.stage(), life.age().toNanos(), life.served().toNanos(),
                    vitals.requests(), vitals.addressSpace(), vitals.resident()));
        }
        heritage.ends().forEach(end -> line(text, "end", fields(end)));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<Object> fields(File file) {
        return List.of(file.path(), file.device(), file.inode(), file.hold());
    }

    private static List<Object> fields(WorkerEnd end) {
        WorkerLabel label = end.label();
        Vitals vitals = end.vitals();
        List<Object> fields = new ArrayList<>(List.of(label.worker(), label.generation(), label.pid(),
                end.cause().name(), end.detail(), end.age().toNanos(), end.at(), vitals.requests(),
                vitals.addressSpace(), vitals.resident()));
        fields.addAll(switch (end.status()) {
            case ExitStatus.Exited(int code) -> List.of("exited", code);
            case ExitStatus.Killed(int signal) -> List.of("killed", signal);
        });
        return fields;
    }

    private static List<String> texts(List<Path> paths) {
        return paths.stream().map(Path::toString).toList();
    }

    private static void line(StringBuilder text, String word, List<?> fields) {
        text.append(Fields.line(word, fields)).append('\n');
    }

    /// @throws IOException if it is no heritage, or that of a version which this one does not know
    static Heritage heritage(byte[] bytes) throws IOException {
        Lines lines = new Lines(new String(bytes, StandardCharsets.UTF_8));
        try {
            List<String> format = lines.take("heritage");
            if (!format.equals(FORMAT)) {
                throw new IOException("the running server is of a version that this one cannot follow (heritage "
                        + String.join(".", format) + ", here " + String.join(".", FORMAT) + "): use restart");
            }
            return parse(lines);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | NoSuchElementException e) {
            throw new IOException("what the running server leaves cannot be read, near line " + lines.next
                    + ": use restart", e);
        }
    }

    private static Heritage parse(Lines lines) throws IOException {
        List<String> settings = lines.take("settings");
        String ini = lines.take("ini").getFirst();
        List<Path> files = paths(lines.take("files"));
        Optional<Status> status =
                lines.isNext("status") ? Optional.of(status(lines.take("status"))) : Optional.empty();
        Optional<File> pidFile =
                lines.isNext("pid-file") ? Optional.of(file(lines.take("pid-file"))) : Optional.empty();
        List<String> commands = lines.take("commands");
        List<Listener> listeners = new ArrayList<>();
        while (lines.isNext("listener")) {
            List<String> fields = lines.take("listener");
            listeners.add(new Listener(number(fields.get(0)), fields.get(1), Boolean.parseBoolean(fields.get(2)),
                    fields.size() > 3 ? Optional.of(file(fields.subList(3, fields.size()))) : Optional.empty()));
        }
        List<OfGeneration> generations = new ArrayList<>();
        while (lines.isNext("generation")) {
            generations.add(generation(lines));
        }
        List<String> numbers = lines.take("current");
        Set<Signals.Name> ignored =
                lines.take("ignored").stream().map(Signals.Name::valueOf).collect(Collectors.toSet());
        List<Worker> workers = new ArrayList<>();
        while (lines.isNext("worker")) {
            workers.add(worker(lines.take("worker")));
        }
        List<WorkerEnd> ends = new ArrayList<>();
        while (lines.isNext("end")) {
            end(lines.take("end")).ifPresent(ends::add);
        }
        return new Heritage(settings, ini, files, status, pidFile, number(commands.get(0)),
                commands.get(1).equals(NONE) ? OptionalInt.empty() : OptionalInt.of(number(commands.get(1))),
                listeners, generations, number(numbers.get(0)), number(numbers.get(1)), ignored, workers, ends);
    }

    private static OfGeneration generation(Lines lines) throws IOException {
        List<String> fields = lines.take("generation");
        List<String> settings = lines.take("settings");
        Map<String, String> environment = new HashMap<>();
        for (String entry : lines.take("environment")) {
            int equals = entry.indexOf('=', 1);
            environment.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        WorkerProgram program = new WorkerProgram(
                Path.of(fields.get(2)), environment, lines.take("options"), paths(lines.take("class-path")));
        return new OfGeneration(number(fields.get(0)), settings, program, Path.of(fields.get(1)),
                lines.take("listeners").stream().map(HeritageText::number).toList());
    }

    private static Worker worker(List<String> fields) {
        return new Worker(new Inherited(label(fields), Inherited.Stage.valueOf(fields.get(4)), nanos(fields.get(5)),
                nanos(fields.get(6)), vitals(fields.subList(7, 10))), number(fields.get(3)));
    }

    /// Empty if this version does not know such an end: history is not to prevent what comes.
    private static Optional<WorkerEnd> end(List<String> fields) {
        try {
            int number = number(fields.get(11));
            ExitStatus status = fields.get(10).equals("exited")
                    ? new ExitStatus.Exited(number)
                    : new ExitStatus.Killed(number);
            return Optional.of(new WorkerEnd(label(fields), EndCause.valueOf(fields.get(3)), fields.get(4), status,
                    nanos(fields.get(5)), vitals(fields.subList(7, 10)), Instant.parse(fields.get(6))));
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    private static WorkerLabel label(List<String> fields) {
        return new WorkerLabel(number(fields.get(0)), number(fields.get(1)), Long.parseLong(fields.get(2)));
    }

    private static Vitals vitals(List<String> fields) {
        return new Vitals(Long.parseLong(fields.get(0)), Long.parseLong(fields.get(1)), Long.parseLong(fields.get(2)));
    }

    private static Duration nanos(String text) {
        return Duration.ofNanos(Long.parseLong(text));
    }

    private static Status status(List<String> fields) {
        return new Status(number(fields.get(0)), new ListenAddress.Tcp(fields.get(1), number(fields.get(2))));
    }

    private static File file(List<String> fields) {
        return new File(Path.of(fields.get(0)), Long.parseLong(fields.get(1)), Long.parseLong(fields.get(2)),
                number(fields.get(3)));
    }

    private static List<Path> paths(List<String> texts) throws InvalidPathException {
        return texts.stream().map(Path::of).toList();
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    /// The lines of a text, one after the other.
    private static final class Lines {

        private final List<String> lines;
        private int next;

        Lines(String text) {
            this.lines = List.of(text.split("\n")); // a field may have other ends of lines in it
        }

        boolean isNext(String word) {
            return next < lines.size() && Fields.of(lines.get(next)).getFirst().equals(word);
        }

        /// The fields of the next line, which begins with that word.
        List<String> take(String word) {
            if (!isNext(word)) {
                throw new IllegalArgumentException("no " + word);
            }
            List<String> fields = Fields.of(lines.get(next));
            next++;
            return fields.subList(1, fields.size());
        }
    }
}
