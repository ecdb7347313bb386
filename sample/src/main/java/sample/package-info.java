/// An application to read and to try. [sample.Application] is what the INI's `module` names; each page is a handler of
/// its own, so that each shows one thing.
package sample;
