package loomgate.server.master;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import loomgate.server.command.Identity;
import loomgate.server.config.Configuration;
import loomgate.server.config.ListenAddress;
import loomgate.server.control.Fields;
import loomgate.server.control.Vitals;
import loomgate.server.os.Descriptor;

/// What a master leaves to the program that this process is going to be: all that cannot be found out anew. A text of
/// lines with tabs between their fields, which another version has to understand; so it begins with the version of
/// itself. Descriptors are given by their numbers.
///
/// @param settings    [loomgate.server.config.Configuration#effective()] of the first start
/// @param ini         what the server was started with; empty if with none
/// @param files       that were read then
/// @param status      where the status is answered, if it is
/// @param pidFile     if one was written
/// @param commands    where commands are heard
/// @param client      who waits for the outcome, if somebody does
/// @param listeners   all, each once
/// @param generations that there are processes of, the oldest first
/// @param current     the number of the one that workers are started with
/// @param workers     the processes that are not reaped
record Heritage(List<String> settings, String ini, List<Path> files, Optional<ListenAddress.Tcp> status,
        Optional<File> pidFile, int commands, OptionalInt client, List<Listener> listeners, List<OfGeneration> generations, int current,
        List<Worker> workers) {

    private static final String FORMAT = "1";
    private static final String NONE = "-";

    /// An [OwnFile].
    record File(Path path, long device, long inode, int hold) {}

    /// An [OpenListener]; what it is set to, its generation says.
    record Listener(int socket, String address, boolean isPassed, Optional<File> file) {}

    /// A [Generation].
    ///
    /// @param listeners by their places in [Heritage#listeners()]; in the order of the settings
    record OfGeneration(int number, List<String> settings, WorkerProgram program, Path folder, List<Integer> listeners) {}

    /// A [WorkerLife] and its [WorkerProcess].
    ///
    /// @param served empty if it does not serve: it starts, or is on its way out
    record Worker(int worker, int generation, int pid, int control, Duration age, Optional<Duration> served,
            Vitals vitals) {}

    Heritage {
        settings = List.copyOf(settings);
        files = List.copyOf(files);
        listeners = List.copyOf(listeners);
        generations = List.copyOf(generations);
        workers = List.copyOf(workers);
    }

    /// What a master has.
    ///
    /// @param configuration of the first start
    /// @param processes     by pid; one that has let go of its channel is as good as ended
    static Heritage of(Configuration configuration, Identity identity, Optional<ListenAddress.Tcp> status,
            Optional<PidFile> pidFile, Descriptor commands, OptionalInt client, List<Generation> generations, WorkerTable table, Map<Integer, WorkerProcess> processes,
            long now) {
        List<OpenListener> listeners =
                generations.stream().flatMap(generation -> generation.listeners().stream()).distinct().toList();
        return new Heritage(configuration.effective(), identity.ini().toString(), identity.files(), status,
                pidFile.map(written -> file(written.file())), commands.number(), client,
                listeners.stream().map(Heritage::listener).toList(),
                generations.stream().map(generation -> generation(generation, listeners)).toList(), table.generation(),
                table.lives().stream().flatMap(life -> Optional.ofNullable(processes.get(life.pid()))
                        .flatMap(WorkerProcess::control).map(control -> worker(life, control, now)).stream()).toList());
    }

    private static File file(OwnFile file) {
        return new File(file.path(), file.device(), file.inode(), file.hold().number());
    }

    private static Listener listener(OpenListener listener) {
        return new Listener(listener.socket().number(), listener.address(), listener.isPassed(),
                listener.file().map(Heritage::file));
    }

    private static OfGeneration generation(Generation generation, List<OpenListener> listeners) {
        return new OfGeneration(generation.number(), generation.configuration().effective(), generation.program(),
                generation.classPath().folder(), generation.listeners().stream().map(listeners::indexOf).toList());
    }

    private static Worker worker(WorkerLife life, Descriptor control, long now) {
        return new Worker(life.label().worker(), life.generation(), life.pid(), control.number(),
                life.age(now), life.isServing() ? Optional.of(life.served(now)) : Optional.empty(), life.vitals());
    }

    /// The numbers of all descriptors in it.
    List<Integer> descriptors() {
        List<Integer> numbers = new ArrayList<>(List.of(commands));
        client.ifPresent(numbers::add);
        pidFile.ifPresent(file -> numbers.add(file.hold()));
        for (Listener listener : listeners) {
            numbers.add(listener.socket());
            listener.file().ifPresent(file -> numbers.add(file.hold()));
        }
        workers.forEach(worker -> numbers.add(worker.control()));
        return numbers;
    }

    byte[] toBytes() {
        StringBuilder text = new StringBuilder();
        line(text, "heritage", List.of(FORMAT));
        line(text, "settings", settings);
        line(text, "ini", List.of(ini));
        line(text, "files", texts(files));
        status.ifPresent(address -> line(text, "status", List.of(address.host(), address.port())));
        pidFile.ifPresent(file -> line(text, "pid-file", fields(file)));
        line(text, "commands", List.of(commands, client.isPresent() ? client.getAsInt() : NONE));
        for (Listener listener : listeners) {
            List<Object> fields = new ArrayList<>(List.of(listener.socket(), listener.address(), listener.isPassed()));
            listener.file().ifPresent(file -> fields.addAll(fields(file)));
            line(text, "listener", fields);
        }
        for (OfGeneration generation : generations) {
            WorkerProgram program = generation.program();
            line(text, "generation", List.of(generation.number(), generation.folder(), program.directory()));
            line(text, "settings", generation.settings());
            line(text, "environment",
                    program.environment().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
            line(text, "options", program.options());
            line(text, "class-path", texts(program.classPath()));
            line(text, "listeners", generation.listeners());
        }
        line(text, "current", List.of(current));
        for (Worker worker : workers) {
            line(text, "worker", List.of(worker.worker(), worker.generation(), worker.pid(), worker.control(),
                    worker.age().toNanos(), worker.served().map(time -> (Object) time.toNanos()).orElse(NONE),
                    worker.vitals().requests(), worker.vitals().addressSpace(), worker.vitals().resident()));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<Object> fields(File file) {
        return List.of(file.path(), file.device(), file.inode(), file.hold());
    }

    private static List<String> texts(List<Path> paths) {
        return paths.stream().map(Path::toString).toList();
    }

    private static void line(StringBuilder text, String word, List<?> fields) {
        text.append(word);
        fields.forEach(field -> text.append('\t').append(Fields.encode(field.toString())));
        text.append('\n');
    }

    /// @throws IOException if it is no heritage, or that of a version which this one does not know
    static Heritage of(byte[] bytes) throws IOException {
        Lines lines = new Lines(new String(bytes, StandardCharsets.UTF_8));
        try {
            String format = lines.take("heritage").getFirst();
            if (!format.equals(FORMAT)) {
                throw new IOException("the running server is of a version that this one cannot follow (heritage "
                        + format + ", here " + FORMAT + "): use restart");
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
        Optional<ListenAddress.Tcp> status =
                lines.isNext("status") ? Optional.of(address(lines.take("status"))) : Optional.empty();
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
        int current = number(lines.take("current").getFirst());
        List<Worker> workers = new ArrayList<>();
        while (lines.isNext("worker")) {
            workers.add(worker(lines.take("worker")));
        }
        return new Heritage(settings, ini, files, status, pidFile, number(commands.get(0)),
                commands.get(1).equals(NONE) ? OptionalInt.empty() : OptionalInt.of(number(commands.get(1))),
                listeners, generations, current, workers);
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
                lines.take("listeners").stream().map(Heritage::number).toList());
    }

    private static Worker worker(List<String> fields) {
        return new Worker(number(fields.get(0)), number(fields.get(1)), number(fields.get(2)), number(fields.get(3)),
                Duration.ofNanos(Long.parseLong(fields.get(4))),
                fields.get(5).equals(NONE)
                        ? Optional.empty() : Optional.of(Duration.ofNanos(Long.parseLong(fields.get(5)))),
                new Vitals(Long.parseLong(fields.get(6)), Long.parseLong(fields.get(7)), Long.parseLong(fields.get(8))));
    }

    private static ListenAddress.Tcp address(List<String> fields) {
        return new ListenAddress.Tcp(fields.get(0), number(fields.get(1)));
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
            return next < lines.size() && lines.get(next).split("\t", 2)[0].equals(word);
        }

        /// The fields of the next line, which begins with that word.
        List<String> take(String word) {
            if (!isNext(word)) {
                throw new IllegalArgumentException("no " + word);
            }
            List<String> fields = Arrays.asList(lines.get(next).split("\t", -1));
            next++;
            return fields.subList(1, fields.size()).stream().map(Fields::decode).toList();
        }
    }
}
