package io.selvage.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;

/** Lets a recorder see what is answered to a request, whoever answers it. Belongs to the event loop of its connection. */
final class WatchedRequest {
    private WatchedRequest() {}

    /** The same request, whose response {@code recorder} sees. */
    static HttpServerRequest of(HttpServerRequest request, ReplyRecorder recorder) {
        HttpServerResponse response = response(request.response(), recorder);
        return proxy(HttpServerRequest.class, (self, method, arguments) -> {
            if (method.getName().equals("response")) {
                return response;
            }
            Object result = invoke(request, method, arguments);
            return result == request ? self : result;
        });
    }

    private static HttpServerResponse response(HttpServerResponse response, ReplyRecorder recorder) {
        return proxy(HttpServerResponse.class, (self, method, arguments) -> {
            boolean ends = method.getName().equals("end");
            if (ends || method.getName().equals("write")) {
                content(arguments, recorder);
            }
            Object result = invoke(response, method, arguments);
            if (ends) {
                recorder.head(response.getStatusCode(), HttpExchange.headers(response.headers()));
                recorder.end(true);
            } else if (method.getName().equals("reset") || method.getName().equals("close")) {
                recorder.end(false);
            }
            return result == response ? self : result;
        });
    }

    private static void content(Object[] arguments, ReplyRecorder recorder) {
        Object first = arguments == null || arguments.length == 0 ? "" : arguments[0];
        if (first instanceof Buffer buffer) {
            byte[] bytes = buffer.getBytes();
            recorder.content(bytes, 0, bytes.length);
        } else if (first instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            recorder.content(bytes, 0, bytes.length);
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
