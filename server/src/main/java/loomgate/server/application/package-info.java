/// Loads the application that `module` names, as a [loomgate.api.Handler].
package loomgate.server.application;
