import type { InstrumentId, Timeframe } from '@perpdesk/core';
import { useInstruments } from '@perpdesk/react';
import { useState } from 'react';
import { AccountStrip } from './account-strip.tsx';
import { ApprovalsPanel } from './approvals-panel.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { EventFeed } from './event-feed.tsx';
import { Header } from './header.tsx';
import { PositionsPanel } from './positions-panel.tsx';
import { PredictionsPanel } from './predictions-panel.tsx';
import { WarRoomPanel } from './war-room-panel.tsx';
import { Watchlist } from './watchlist.tsx';

/** The whole page: what is watched on the left, its chart and the positions in the middle, the agents' room on the right. */
export function App() {
  const instruments = useInstruments();
  const [chosen, setChosen] = useState<InstrumentId>();
  const [timeframe, setTimeframe] = useState<Timeframe>('1m');
  const references = instruments.data?.filter((instrument) => instrument.reference) ?? [];
  const selected = instruments.data?.find((instrument) => instrument.id === chosen) ?? references[0];

  return (
    <div className="page">
      <Header />
      <AccountStrip />
      <main className="grid">
        <div className="column left">
          <Watchlist instruments={instruments} references={references} selected={selected?.id} onSelect={setChosen} />
          <EventFeed />
        </div>
        <div className="column middle">
          <ChartPanel instrument={selected} timeframe={timeframe} onTimeframe={setTimeframe} />
          <PositionsPanel onSelect={setChosen} />
          <PredictionsPanel />
        </div>
        <div className="column right">
          <ApprovalsPanel />
          <WarRoomPanel market={selected?.market} />
          <ChatPanel />
        </div>
      </main>
    </div>
  );
}
