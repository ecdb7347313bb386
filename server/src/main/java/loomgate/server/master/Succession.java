package loomgate.server.master;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.config.ListenerSettings;
import loomgate.server.master.table.TableSettings;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Sockets;
import loomgate.server.status.StatusServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a master has whose program took the place of another's, see [Upgrade]: as that one left it, in terms of this
/// one.
///
/// @param configuration of the first start, but without the files it was read from
/// @param generations   the oldest first
record Succession(
        Heritage heritage, Configuration configuration, List<Generation> generations, Optional<PidFile> pidFile) {

    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    /// Reads it; all descriptors remain open.
    ///
    /// @throws IOException if this version does not know what it is left
    static Succession read(Descriptor channel) throws IOException {
        try (InputStream in = channel.input()) {
            Heritage heritage = HeritageText.heritage(in.readAllBytes());
            List<Generation> generations = generations(heritage);
            if (generations.stream().noneMatch(generation -> generation.number() == heritage.current())) {
                throw new IOException("the running server leaves no generation " + heritage.current());
            }
            return new Succession(heritage, Configuration.ofEffective(heritage.settings()), generations,
                    heritage.pidFile().map(file -> new PidFile(own(file), Optional.empty())));
        } catch (ConfigException e) {
            throw new IOException("the running server has a configuration that this version does not take:\n"
                    + String.join("\n", e.problems()), e);
        }
    }

    private static List<Generation> generations(Heritage heritage) throws ConfigException {
        OpenListener[] open = new OpenListener[heritage.listeners().size()];
        List<Generation> generations = new ArrayList<>();
        for (Heritage.OfGeneration one : heritage.generations()) {
            Configuration configuration = Configuration.ofEffective(one.settings());
            List<OpenListener> listeners = new ArrayList<>();
            for (int i = 0; i < one.listeners().size(); i++) {
                int place = one.listeners().get(i);
                if (open[place] == null) {
                    open[place] = listener(heritage.listeners().get(place), configuration.listeners().get(i));
                }
                listeners.add(open[place]);
            }
            generations.add(new Generation(one.number(), configuration, one.program(), listeners,
                    new PinnedClassPath(one.folder(), one.program().classPath())));
        }
        return generations;
    }

    private static OpenListener listener(Heritage.Listener left, ListenerSettings settings) {
        return new OpenListener(settings, new Descriptor(left.socket()), left.address(),
                left.file().map(Succession::own), left.isPassed());
    }

    private static OwnFile own(Heritage.File file) {
        return new OwnFile(file.path(), file.device(), file.inode(), new Descriptor(file.hold()));
    }

    /// The current generation.
    Generation current() {
        return generations.stream().filter(generation -> generation.number() == heritage.current()).findFirst()
                .orElseThrow();
    }

    /// What each generation goes by.
    Map<Integer, TableSettings> settings() {
        return generations.stream().collect(Collectors.toMap(
                Generation::number, generation -> TableSettings.of(generation.configuration())));
    }

    /// What answers the status, if it is to be answered.
    Optional<StatusServer> status() throws IOException {
        if (heritage.status().isEmpty()) {
            return Optional.empty();
        }
        Heritage.Status left = heritage.status().get();
        Descriptor listener = new Descriptor(left.socket());
        try {
            return Optional.of(StatusServer.over(listener, left.address()));
        } catch (IOException e) {
            LOG.error("status = {} is answered no more, until a restart: {}", left.address(), e.getMessage());
            listener.close(); // nobody is to wait there
            return Optional.empty();
        }
    }

    /// From here on none of the descriptors is inherited, but as something that a worker is given. Connections that the
    /// program before has accepted in its last moment are closed: it could neither answer them nor tell of them.
    void keepToItself() throws IOException {
        Set<Descriptor> left = new HashSet<>();
        heritage.descriptors().forEach(number -> left.add(new Descriptor(number)));
        for (Descriptor descriptor : left) {
            descriptor.closeOnExec();
        }
        for (Descriptor connection : Sockets.connections()) {
            if (!left.contains(connection)) {
                connection.close();
            }
        }
    }
}
