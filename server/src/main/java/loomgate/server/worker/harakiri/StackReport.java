package loomgate.server.worker.harakiri;

import java.util.List;
import java.util.Set;

/// Where a thread is: taken at one moment, from outside.
///
/// To take it can wait for the thread, so the threads that guard the others leave that to a thread of its own.
///
/// @param state  of the thread
/// @param frames innermost first
public record StackReport(Thread.State state, List<StackTraceElement> frames) {

    private static final Set<String> NOT_THE_APPLICATION = Set.of("java", "javax", "jdk", "sun");
    private static final String SERVER = "loomgate.server.";
    private static final StackReport NOWHERE = new StackReport(Thread.State.NEW, List.of());

    /// @param thread null if there is none
    public static StackReport of(Thread thread) {
        return thread == null ? NOWHERE : new StackReport(thread.getState(), List.of(thread.getStackTrace()));
    }

    /// The innermost line of the application's own code; what else there is to say if there is none.
    public String place() {
        return frames.stream()
                .filter(StackReport::isApplication)
                .findFirst()
                .or(() -> frames.stream().findFirst())
                .map(StackTraceElement::toString)
                .orElse("no line of code: it waits for its turn (threads), or has just ended");
    }

    private static boolean isApplication(StackTraceElement frame) {
        String type = frame.getClassName();
        int dot = type.indexOf('.');
        return !NOT_THE_APPLICATION.contains(dot < 0 ? type : type.substring(0, dot))
                && !type.startsWith(SERVER + "worker.")
                && !type.startsWith(SERVER + "protocol.") && !type.startsWith(SERVER + "net.");
    }

    /// What the thread does, in words.
    public String activity() {
        return switch (state) {
            case RUNNABLE -> "running, or in a system call";
            case BLOCKED -> "waiting for a monitor that another thread holds, in " + innermost();
            case WAITING, TIMED_WAITING -> "waiting in " + innermost();
            case NEW, TERMINATED -> "not running";
        };
    }

    private String innermost() {
        return frames.isEmpty() ? "nothing"
                : frames.getFirst().getClassName() + "." + frames.getFirst().getMethodName();
    }

    /// The stack as a JVM prints it, a line for each frame, without the server's own frames at its end.
    public String text() {
        StringBuilder text = new StringBuilder();
        int last = frames.size();
        while (last > 0 && !isApplication(frames.get(last - 1))) {
            last--;
        }
        for (StackTraceElement frame : last == 0 ? frames : frames.subList(0, last)) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }

    /// Whether one of the frames is in that method.
    public boolean isIn(String type, String method) {
        return frames.stream()
                .anyMatch(frame -> frame.getClassName().equals(type) && frame.getMethodName().equals(method));
    }
}
