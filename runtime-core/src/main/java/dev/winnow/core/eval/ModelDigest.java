package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Identifies the file that a report is about. */
public final class ModelDigest {

    private static final int BUFFER_BYTES = 1 << 20;

    private ModelDigest() {}

    /**
     * Returns the SHA-256 of a file in lower-case hexadecimal digits, as {@code sha256sum} prints it. Reads the whole file.
     *
     * @throws WinnowException if it cannot be read
     */
    public static String sha256(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream stream = Files.newInputStream(file)) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                    digest.update(buffer, 0, count);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The file " + file + " cannot be read: " + e + ".", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
