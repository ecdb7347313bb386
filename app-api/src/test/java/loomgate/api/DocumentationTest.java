package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentationTest {

    @Test
    void javadocHasNothingToComplainAbout(@TempDir Path pages) {
        StringWriter out = new StringWriter();
        int status = ToolProvider.findFirst("javadoc").orElseThrow().run(new PrintWriter(out), new PrintWriter(out),
                "-d", pages.toString(), "-quiet", "-Werror", "-Xdoclint:all,-missing", "--release", "25",
                "--source-path", "src/main/java", "--snippet-path", "src/test/java/loomgate/api",
                "loomgate.api", "loomgate.api.testing", "src/main/java/module-info.java");
        assertEquals(0, status, out.toString());
        assertEquals(true, Files.exists(pages.resolve("index.html")));
    }
}
