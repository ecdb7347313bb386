package loomgate.server.config;

import java.util.List;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Option;

/// The options as `--help` lists them, made from the option table.
public final class HelpText {

    private static final int SUMMARY_COLUMN = 34;

    private HelpText() {}

    /// All options, one or two lines each, by chapter.
    public static String options() {
        StringBuilder text = new StringBuilder();
        for (Chapter chapter : Chapter.values()) {
            List<Option<?>> options = OptionTable.in(chapter);
            text.append(text.isEmpty() ? "" : "\n").append(chapter.title()).append(":\n");
            options.forEach(option -> text.append(line(option)));
        }
        return text.toString();
    }

    private static String line(Option<?> option) {
        String synopsis = option.letter().map(letter -> "  -" + letter + ", ").orElse("      ")
                + "--" + option.name() + (option.isFlag() ? "" : " " + option.kind().argument());
        String summary = option.summary() + OptionPage.standardText(option).map(text -> " [" + text + "]").orElse("");
        return synopsis.length() + 1 < SUMMARY_COLUMN
                ? synopsis + " ".repeat(SUMMARY_COLUMN - synopsis.length()) + summary + "\n"
                : synopsis + "\n" + " ".repeat(SUMMARY_COLUMN) + summary + "\n";
    }
}
