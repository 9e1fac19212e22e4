package dev.winnow.core.io;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * A file that has another name beside its own until it is whole: nobody reads half of it, a failure leaves nothing behind, and an older file stays until there is
 * a new one. Not thread-safe.
 */
public final class UnfinishedFile implements AutoCloseable {

    private final Path target;
    private final Path path;

    /** Chooses the other name, which nothing else has; writes nothing. */
    public UnfinishedFile(Path target) {
        this.target = target.toAbsolutePath();
        path = this.target.resolveSibling("." + this.target.getFileName() + "." + UUID.randomUUID() + ".unfinished");
        path.toFile().deleteOnExit(); // Ctrl-C ends the process without closing anything
    }

    /** Returns where the content is to be written. */
    public Path path() {
        return path;
    }

    /**
     * Gives the file its own name, in the place of an older one.
     *
     * @throws IOException if this fails; an older file is still there
     */
    public void finish() throws IOException {
        try {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Deletes what was written if the file was not finished. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger(UnfinishedFile.class.getName()).log(System.Logger.Level.WARNING,
                    "The unfinished file {0} could not be deleted.", path);
        }
    }

    /**
     * Checks that a file can be written, before long work for it: makes an unfinished one and deletes it.
     *
     * @param what what the file is, for the message, for example {@code page}
     * @throws WinnowException of kind USAGE if it cannot be written
     */
    public static void check(String what, Path target) {
        try (UnfinishedFile file = new UnfinishedFile(target)) {
            if (Files.isDirectory(target)) {
                throw new FileSystemException(target.toString(), null, "it is a folder");
            }
            Files.createFile(file.path);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The " + what + " " + target + " cannot be written: " + reason(e) + ". Name another place, or make its folder first.",
                    e);
        }
    }

    /** Returns why a file could not be written, as a clause: some failures say no more than the name of the unfinished file, which users do not know. */
    public static String reason(Exception failure) {
        return switch (failure) {
            case NoSuchFileException missing -> "there is no such folder";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException known when known.getReason() != null -> String.valueOf(known.getReason());
            default -> String.valueOf(failure.getMessage());
        };
    }
}
