package loomgate.server.config.ini;

import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;

/// Says in the operator's words why a file could not be read. The exceptions' own messages are often only its name.
final class Unreadable {

    private Unreadable() {}

    static String reason(Exception failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case CharacterCodingException _ -> "not UTF-8";
            case InvalidPathException e -> e.getReason();
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> failure.getMessage();
        };
    }
}
