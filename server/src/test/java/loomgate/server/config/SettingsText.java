package loomgate.server.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/// Settings as lines `record.component = value`.
final class SettingsText {

    private SettingsText() {}

    static Map<String, String> of(Configuration configuration) {
        Map<String, String> lines = new LinkedHashMap<>();
        int number = 0;
        for (ListenerSettings listener : configuration.listeners()) {
            lines.put("listener " + ++number, text(listener));
        }
        add("master", configuration.master(), lines);
        add("worker", configuration.worker(), lines);
        add("log", configuration.log(), lines);
        configuration.variables().forEach((name, value) -> lines.put("variable " + name, value));
        return lines;
    }

    private static String text(ListenerSettings listener) {
        StringBuilder text = new StringBuilder(listener.kind() + " " + listener.address().getClass().getSimpleName()
                + " " + listener.address() + " backlog " + listener.backlog());
        listener.mode().ifPresent(mode -> text.append(" mode ").append(Integer.toOctalString(mode)));
        listener.owner().ifPresent(owner -> text.append(" owner ").append(owner));
        return text.toString();
    }

    private static void add(String name, Record settings, Map<String, String> lines) {
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            String path = name + "." + component.getName();
            Object value = value(component, settings);
            if (value instanceof Record part) {
                add(path, part, lines);
            } else {
                lines.put(path, value.toString());
            }
        }
    }

    private static Object value(RecordComponent component, Record settings) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new AssertionError(e);
        }
    }
}
