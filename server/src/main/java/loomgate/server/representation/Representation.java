package loomgate.server.representation;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import loomgate.api.Headers;

/// A file as the body of a response with status 200: its validators, and the header fields that tell of them.
///
/// Fields that the application has set are left as they are, and count: its `ETag` and `Last-Modified` are what
/// requests are compared with, its `Accept-Ranges: none` means that there are no parts to be had.
public final class Representation {

    /// A file that was written less than this before it is sent could be written again without a change of its time.
    private static final long CLOCK_STEP_SECONDS = 1;

    /// Fields that describe the content, which a 304 does not have (RFC 9110 section 15.4.5).
    private static final Set<String> OF_THE_CONTENT = Set.of("content-type", "content-encoding", "content-language",
            "content-range", "accept-ranges", "last-modified");

    private final long length;
    private final long now; // in seconds since 1970, as all times here
    private final long lastModified;
    private final EntityTag tag;
    private final Headers headers;

    private Representation(long length, long now, long lastModified, EntityTag tag, Headers headers) {
        this.length = length;
        this.now = now;
        this.lastModified = lastModified;
        this.tag = tag;
        this.headers = headers;
    }

    /// @param application the response's fields
    /// @param file        of the file that is open
    /// @param now         when the response is made
    /// @throws IllegalArgumentException if the application's own validators are none
    public static Representation of(Headers application, BasicFileAttributes file, Instant now) {
        long second = now.getEpochSecond();
        Optional<String> ownTag = application.first("ETag");
        Optional<String> ownDate = application.first("Last-Modified");
        EntityTag tag = ownTag.isPresent() ? ownTag(ownTag.get()) : tagOf(file, second);
        long lastModified = ownDate.isPresent() ? ownDate(ownDate.get(), now)
                : Math.min(file.lastModifiedTime().to(TimeUnit.SECONDS), second); // RFC 9110 section 8.8.2.1
        Headers headers = application;
        if (ownTag.isEmpty()) {
            headers = headers.with("ETag", tag.toString());
        }
        if (ownDate.isEmpty()) {
            headers = headers.with("Last-Modified", HttpDate.format(lastModified));
        }
        if (!application.contains("Accept-Ranges")) {
            headers = headers.with("Accept-Ranges", "bytes");
        }
        return new Representation(file.size(), second, lastModified, tag, headers);
    }

    /// The same for each worker: which file it is, its size, its time. Another file at the same path, with the same
    /// time and size, has another tag. Weak while a change could go unnoticed (RFC 9110 section 8.8.1).
    private static EntityTag tagOf(BasicFileAttributes file, long now) {
        FileTime modified = file.lastModifiedTime();
        String opaque = Integer.toHexString(String.valueOf(file.fileKey()).hashCode())
                + "-" + Long.toHexString(file.size())
                + "-" + Long.toHexString(modified.to(TimeUnit.NANOSECONDS));
        return new EntityTag(opaque, !isSettled(modified.to(TimeUnit.SECONDS), now));
    }

    private static EntityTag ownTag(String field) {
        return EntityTag.parse(field).orElseThrow(() -> new IllegalArgumentException("the response's ETag is no"
                + " entity-tag, which is a text in quotes: " + field));
    }

    private static long ownDate(String field, Instant now) {
        OptionalLong date = HttpDate.parse(field, Year.from(now.atOffset(ZoneOffset.UTC)));
        return date.orElseThrow(() -> new IllegalArgumentException("the response's Last-Modified is no date of HTTP,"
                + " Sun, 06 Nov 1994 08:49:37 GMT for example: " + field));
    }

    private static boolean isSettled(long modified, long now) {
        return modified < now - CLOCK_STEP_SECONDS;
    }

    /// The fields of a 200.
    public Headers headers() {
        return headers;
    }

    /// The fields of a 304: those of a 200 that a cache may want to know anew.
    public Headers headersOfNotModified() {
        Headers kept = headers;
        for (String name : OF_THE_CONTENT) {
            kept = kept.without(name);
        }
        return kept;
    }

    /// The fields of a 206, which tell where the part belongs.
    public Headers headersOf(Selection.Part part) {
        return headers.with("Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + length);
    }

    /// What a GET or HEAD with these fields gets.
    ///
    /// @param isGet GET, else HEAD
    public Selection selectedBy(boolean isGet, Headers request) {
        return Selection.of(isGet, request, this);
    }

    long length() {
        return length;
    }

    EntityTag tag() {
        return tag;
    }

    long lastModified() {
        return lastModified;
    }

    /// Whether no two versions can have the same date (RFC 9110 section 8.8.2.2).
    boolean isLastModifiedStrong() {
        return isSettled(lastModified, now);
    }

    boolean hasRanges() {
        return headers.first("Accept-Ranges").filter(unit -> unit.equalsIgnoreCase("bytes")).isPresent();
    }

    Year thisYear() {
        return Year.from(Instant.ofEpochSecond(now).atOffset(ZoneOffset.UTC));
    }
}
