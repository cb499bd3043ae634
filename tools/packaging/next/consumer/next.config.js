// The two headers that pages need for shared memory; on the server Node loads the packages itself.
export default {
  serverExternalPackages: ['@inos/sdk', '@inos/mining', '@inos/physics'],
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
        ],
      },
    ];
  },
};
