package loomgate.server.protocol.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jacoco.core.analysis.Analyzer;
import org.jacoco.core.analysis.CoverageBuilder;
import org.jacoco.core.analysis.IClassCoverage;
import org.jacoco.core.analysis.ICounter;
import org.jacoco.core.data.ExecutionDataStore;
import org.jacoco.core.data.SessionInfoStore;
import org.jacoco.core.instr.Instrumenter;
import org.jacoco.core.runtime.IRuntime;
import org.jacoco.core.runtime.LoggerRuntime;
import org.jacoco.core.runtime.RuntimeData;

/// How much of a parser the bytes of some files reach: its target is called with each, in classes of its own.
final class FuzzCoverage {

    private static final String OURS = "loomgate.server.";

    private final Map<String, byte[]> parserClasses = new TreeMap<>(); // as they were compiled, by name
    private final IRuntime runtime = new LoggerRuntime();
    private final Instrumenter instrumenter = new Instrumenter(runtime);
    private final RuntimeData data = new RuntimeData();
    private final String parser; // prefix of its classes

    private FuzzCoverage(String parser) {
        this.parser = parser;
    }

    /// The coverage by class, as text.
    ///
    /// @param target  name of the class with `fuzzerTestOneInput`
    /// @param parser  prefix of the names of the parser's classes
    /// @param folders of the files
    static String of(String target, String parser, List<Path> folders) throws Exception {
        FuzzCoverage coverage = new FuzzCoverage(parser);
        coverage.runtime.startup(coverage.data);
        try {
            Method call = coverage.new Loader().loadClass(target).getMethod("fuzzerTestOneInput", byte[].class);
            for (Path folder : folders) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        call.invoke(null, Files.readAllBytes(file));
                    }
                }
            }
            return coverage.text();
        } finally {
            coverage.runtime.shutdown();
        }
    }

    private String text() throws IOException {
        ExecutionDataStore executed = new ExecutionDataStore();
        data.collect(executed, new SessionInfoStore(), false);
        CoverageBuilder builder = new CoverageBuilder();
        Analyzer analyzer = new Analyzer(executed, builder);
        for (Map.Entry<String, byte[]> one : parserClasses.entrySet()) {
            analyzer.analyzeClass(one.getValue(), one.getKey());
        }
        StringBuilder text = new StringBuilder();
        int covered = 0;
        int all = 0;
        List<IClassCoverage> classes =
                builder.getClasses().stream().sorted(Comparator.comparing(IClassCoverage::getName)).toList();
        for (IClassCoverage one : classes) {
            covered += one.getLineCounter().getCoveredCount();
            all += one.getLineCounter().getTotalCount();
            text.append("  %-24s %s lines, %s branches%s%n".formatted(
                    one.getName().substring(one.getName().lastIndexOf('/') + 1), ratio(one.getLineCounter()),
                    ratio(one.getBranchCounter()), missed(one)));
        }
        return "%d of %d lines reached (%d %%)%n".formatted(covered, all, 100 * covered / Math.max(all, 1)) + text;
    }

    private static String ratio(ICounter counter) {
        return counter.getCoveredCount() + "/" + counter.getTotalCount();
    }

    private static String missed(IClassCoverage one) {
        StringBuilder missed = new StringBuilder();
        for (int line = one.getFirstLine(); line <= one.getLastLine(); line++) {
            if (one.getLine(line).getStatus() == ICounter.NOT_COVERED) {
                missed.append(missed.isEmpty() ? ", not line " : ", ").append(line);
            }
        }
        return missed.toString();
    }

    /// Loads the server's classes anew, the parser's so that they tell what is executed.
    private final class Loader extends ClassLoader {

        Loader() {
            super(FuzzCoverage.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (file == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = file.readAllBytes();
                if (name.startsWith(parser)) {
                    parserClasses.put(name, bytes);
                    bytes = instrumenter.instrument(bytes, name);
                }
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
