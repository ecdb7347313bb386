package loomgate.server.config.option;

/// What options are about; the order is that of the reference page.
public enum Chapter {
    APPLICATION("The application"),
    LISTENERS("Where it listens"),
    PROCESSES("Processes"),
    REQUESTS("Requests and their limits"),
    LOG("Log"),
    FILE("The file itself");

    private final String title;

    Chapter(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
