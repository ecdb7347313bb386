/// The application's side of Loomgate: implement [loomgate.api.Handler], name the class in the INI's `module`.
///
/// An application requires this module and nothing else of Loomgate; the server brings it at run time, so a build
/// tool should mark it as provided. It depends on `java.base` alone.
module loomgate.api {
    exports loomgate.api;
    exports loomgate.api.testing;
}
