package loomgate.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Declares that a [Handler] computes for long without waiting for anything.
///
/// Virtual threads are not time-sliced: one that computes keeps a core from all others until it blocks. Requests to a
/// handler with this annotation run on threads of the operating system, which are; so does the writing of their
/// responses. The INI's `cpu-bound = true` says the same of handlers that cannot be annotated, such as lambdas.
///
/// **Threads.** [Handler#handle] is then called on a platform thread, which serves one request at a time and is used
/// again for others. No more than the INI's `threads` run at once.
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface CpuBound {}
