package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.selvage.tls.AcmeChallenges;
import io.selvage.tls.CertificateChooser;
import io.selvage.tls.CertificateSet;
import io.selvage.tls.TlsCertificate;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Answers the handshake with which a certificate authority looks whether a name is this node's (RFC 8737), and lets any other
 * pass. It is in a connection only while an authority is about to ask.
 */
final class ChallengeHandshake extends SslClientHelloHandler<Optional<TlsCertificate>> {
    private static final int SERVER_NAME = 0;
    private static final int PROTOCOLS = 16;
    private static final int VERSION_AND_RANDOM = 34;

    private final AcmeChallenges challenges;

    ChallengeHandshake(AcmeChallenges challenges) {
        this.challenges = challenges;
    }

    @Override
    protected Future<Optional<TlsCertificate>> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello) {
        return ctx.executor().newSucceededFuture(hello == null ? Optional.empty() : asked(hello.duplicate()));
    }

    /** The certificate that a ClientHello (RFC 8446 §4.1.2) asks for, if it is an authority's. */
    private Optional<TlsCertificate> asked(ByteBuf hello) {
        try {
            hello.skipBytes(VERSION_AND_RANDOM);
            hello.skipBytes(hello.readUnsignedByte());
            hello.skipBytes(hello.readUnsignedShort());
            hello.skipBytes(hello.readUnsignedByte());
            String name = "";
            boolean asks = false;
            ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
            while (extensions.isReadable()) {
                int type = extensions.readUnsignedShort();
                ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
                if (type == SERVER_NAME) {
                    extension.skipBytes(3);
                    name = text(extension, extension.readUnsignedShort());
                } else if (type == PROTOCOLS) {
                    extension.skipBytes(2);
                    asks = text(extension, extension.readUnsignedByte()).equals(AcmeChallenges.TLS_PROTOCOL);
                }
            }
            return asks ? challenges.handshake(name.toLowerCase(Locale.ROOT)) : Optional.empty();
        } catch (IndexOutOfBoundsException _) {
            return Optional.empty(); // malformed: the handshake will say so
        }
    }

    private static String text(ByteBuf from, int length) {
        return from.readCharSequence(length, StandardCharsets.US_ASCII).toString();
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<Optional<TlsCertificate>> found)
            throws GeneralSecurityException {
        Optional<TlsCertificate> certificate = found.getNow();
        if (certificate.isPresent()) {
            ctx.pipeline().addAfter(ctx.name(), null, new Silence());
            ctx.pipeline().addAfter(ctx.name(), null, new SslHandler(engine(certificate.get())));
        }
        ctx.pipeline().remove(this);
    }

    private static SSLEngine engine(TlsCertificate certificate) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new CertificateChooser(new CertificateSet(List.of(certificate)))}, null, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {AcmeChallenges.TLS_PROTOCOL});
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Keeps everything from the handlers behind: after such a handshake there is nothing to be said. */
    private static final class Silence extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            // the handshake's end is none of theirs
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
