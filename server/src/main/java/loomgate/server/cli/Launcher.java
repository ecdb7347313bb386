package loomgate.server.cli;

/**
 * What {@code java -jar} starts. Compiled for Java 11, so that a JVM that is too old for the rest says so in a sentence
 * and not with a stack trace.
 */
public final class Launcher {

    private static final int NEEDED = 25;

    private Launcher() {}

    /**
     * Starts the program, if the JVM can run it.
     *
     * @param words the command line
     * @throws ReflectiveOperationException if the jar is not complete
     */
    public static void main(String[] words) throws ReflectiveOperationException {
        int feature = Runtime.version().feature();
        if (feature < NEEDED) {
            System.err.println("loomgate: this needs Java " + NEEDED + " or later, and "
                    + System.getProperty("java.home") + " is Java " + feature
                    + ". Start it with a newer JDK's java, or with scripts/loomgate, which finds one");
            System.exit(64);
        }
        Class.forName("loomgate.server.cli.Main").getMethod("main", String[].class).invoke(null, (Object) words);
    }
}
