package loomgate.server.config.ini;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileReferenceTest {

    @ParameterizedTest
    @CsvSource({"app.ini,app.ini,", "app.ini:live,app.ini,live", "a:b/app.ini,a:b/app.ini,",
            "a:b/app.ini:live,a:b/app.ini,live", ":live,'',live", "app.conf,app.conf,", "app.conf:live,app.conf,live"})
    void sectionStandsBehindTheLastColon(String text, String file, String section) {
        assertEquals(new FileReference(file, Optional.ofNullable(section)), FileReference.of(text));
    }
}
