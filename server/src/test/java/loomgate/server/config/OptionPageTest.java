package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionPageTest {

    private static final Path PAGE = Path.of("../docs/configuration.md");

    @Test
    void pageInDocsIsTheOneMadeFromTheTable() throws IOException {
        if (Boolean.getBoolean("loomgate.regenerate")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, OptionPage.markdown());
        }
        assertEquals(OptionPage.markdown(), Files.readString(PAGE), "see the top of the page for how to write it anew");
    }

    @Test
    void pageHasAnEntryForEachOption() {
        OptionTable.ALL.forEach(option ->
                assertTrue(OptionPage.markdown().contains("\n### " + option.name() + "\n"), option.name()));
    }

    @Test
    void helpListsTheOptions() {
        String help = HelpText.options();
        assertTrue(help.contains("  -p, --processes N               Worker processes"), help);
        assertTrue(help.contains("  -M, --master                    Runs workers under a master"), help);
    }
}
