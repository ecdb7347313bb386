package loomgate.server.config.option;

import java.nio.file.Path;

/// What relative paths are relative to, both absolute.
///
/// @param started where the server was started
/// @param chdir   where the workers will be
public record Directories(Path started, Path chdir) {}
