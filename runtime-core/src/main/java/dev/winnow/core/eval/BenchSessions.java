package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The sessions of one arm that hold the tokens before the timed ones, one for each depth. All depths begin with the same tokens, so that those of a depth are
 * computed once and serve every test at this depth and every greater depth. Not thread-safe.
 */
final class BenchSessions implements AutoCloseable {

    private final TreeMap<Integer, Session> byDepth = new TreeMap<>();

    /**
     * Opens an empty session.
     *
     * @param contextLength of all sessions
     */
    BenchSessions(Model model, EvalArm arm, int contextLength) {
        byDepth.put(0, model.newSession(arm.options().withContextLength(contextLength)));
    }

    /**
     * Computes the tokens before the timed ones.
     *
     * @param depths numbers of tokens
     * @param tokens as many as the greatest depth, or more
     */
    void fill(Collection<Integer> depths, int[] tokens) {
        for (int depth : new TreeSet<>(depths)) {
            if (depth > 0) {
                int before = byDepth.lastKey();
                Session session = byDepth.lastEntry().getValue().fork();
                byDepth.put(depth, session);
                session.append(Arrays.copyOfRange(tokens, before, depth));
            }
        }
    }

    /** Returns a session with the tokens of a depth, for one run. */
    Session fork(int depth) {
        return session(depth).fork();
    }

    List<RefinerReport> refiners() {
        return session(0).refiners();
    }

    private Session session(int depth) {
        Session session = byDepth.get(depth);
        if (session == null) {
            throw new IllegalArgumentException("depth " + depth + " was not filled");
        }
        return session;
    }

    @Override
    public void close() {
        new ArrayList<>(byDepth.values()).forEach(Session::close);
    }
}
