package dev.winnow.spi;

/**
 * What a backend is created with.
 *
 * @param workers number of threads that will call the backend at once, each with its own worker number from 0
 */
public record BackendContext(int workers) {}
