# modelwire: the gateway in a container. Build: docker build -t modelwire .   Run: docker run -p 4000:4000 -v modelwire:/data modelwire
# Listening beyond loopback wants keys: mount a config with `keys:` at /data/modelwire.yaml (`modelwire key new NAME` makes one).
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY packages/modelwire/package.json packages/modelwire/
COPY packages/gateway/package.json packages/gateway/
COPY packages/local/package.json packages/local/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm pack --pack-destination /packed -w modelwire -w @modelwire/gateway

FROM node:24-bookworm-slim
ENV NODE_ENV=production MODELWIRE_HOST=0.0.0.0 MODELWIRE_DATA=/data
WORKDIR /app
COPY --from=build /packed/*.tgz /tmp/
RUN npm init -y >/dev/null && npm install --ignore-scripts --omit=dev --no-audit --no-fund /tmp/*.tgz && rm -rf /tmp/*.tgz /root/.npm \
 && mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=30s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.MODELWIRE_PORT||4000)+'/livez').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/node_modules/@modelwire/gateway/bin/modelwire.js"]
CMD ["serve"]
