package io.selvage.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Takes from a trusted proxy where a connection comes from (PROXY protocol, versions 1 and 2). A connection that does not
 * begin with that is closed: who may say it must.
 */
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
    private final ConnectionGuard guard;

    private ProxyHeader(ConnectionGuard guard) {
        this.guard = guard;
    }

    /** Expects it as the next that comes, behind a guard. */
    static void expect(ChannelPipeline pipeline, String after, ConnectionGuard guard) {
        pipeline.addAfter(after, "selvage.proxy", new ProxyHeader(guard));
        pipeline.addAfter(after, "selvage.proxy-decoder", new HAProxyMessageDecoder());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage message) {
        AddressFamily family = message.proxiedProtocol().addressFamily();
        boolean internet = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        if (message.command() == HAProxyCommand.PROXY && internet) {
            boolean secure =
                    message.tlvs().stream().anyMatch(tlv -> tlv instanceof HAProxySSLTLV ssl && ssl.isPP2ClientSSL());
            guard.proxied(
                    address(message.sourceAddress(), message.sourcePort()),
                    address(message.destinationAddress(), message.destinationPort()),
                    secure);
        }
        ctx.pipeline().remove(this);
    }

    private static InetSocketAddress address(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var _ = ctx.close();
    }
}
