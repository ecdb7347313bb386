package loomgate.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import loomgate.api.AppContext;
import org.junit.jupiter.api.Test;

class TestContextTest {

    @Test
    void isTheFirstWorkerOfTheFirstGenerationUnlessToldOtherwise() {
        AppContext context = TestContext.of(Map.of("colour", "green"));

        assertEquals("green", context.variables().get("colour"));
        assertEquals(1, context.worker());
        assertEquals(1, context.generation());
        assertFalse(context.isDraining());
    }

    @Test
    void variablesAreCopied() {
        Map<String, String> variables = new HashMap<>();
        AppContext context = TestContext.of(variables);
        variables.put("late", "1");

        assertEquals(Map.of(), context.variables());
    }

    @Test
    void numbersBeginAtOne() {
        assertThrows(IllegalArgumentException.class, () -> new TestContext(Map.of(), 0, 1, false));
        assertThrows(IllegalArgumentException.class, () -> new TestContext(Map.of(), 1, 0, false));
    }
}
