package dev.winnow.api;

/**
 * One message of a conversation.
 *
 * @param role    {@code system}, {@code user} or {@code assistant}
 * @param content the text; never read as control tokens
 */
public record ChatMessage(String role, String content) {}
